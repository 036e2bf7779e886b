import { startTheme } from './theme.js'

// The form needs no script; this only gives it the theme that was chosen in the console.
startTheme()
