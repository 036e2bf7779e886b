import { startTheme } from './theme.js'

// The form needs no script: this gives it the theme that was chosen in the console, and the view that was linked to,
// which the browser carries through the redirect that signing in ends with.
startTheme()
addEventListener('submit', ({ target }) => {
  if (!(target instanceof HTMLFormElement)) return
  const address = new URL(target.action)
  address.hash = location.hash
  target.action = address.href
})
