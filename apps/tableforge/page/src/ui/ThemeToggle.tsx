import { useState } from 'react'
import { Icon } from './Icon.js'
import { chooseTheme, currentTheme } from './theme.js'

export function ThemeToggle() {
  const [theme, setTheme] = useState(currentTheme)
  const other = theme === 'dark' ? 'light' : 'dark'
  const toggle = () => {
    chooseTheme(other)
    setTheme(other)
  }
  return (
    <button type="button" className="button quiet icon" onClick={toggle} title={`Switch to ${other}`}>
      <Icon name={other === 'light' ? 'sun' : 'moon'} />
      <span className="hidden-visually">Switch to the {other} theme</span>
    </button>
  )
}
