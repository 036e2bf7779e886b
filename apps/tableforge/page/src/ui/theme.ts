const STORED = 'tableforge-theme'

export type Theme = 'light' | 'dark'

const isTheme = (value: unknown): value is Theme => value === 'light' || value === 'dark'

/** The theme that the person chose, or the one that their system prefers. */
export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme
  if (isTheme(chosen)) return chosen
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Shows the theme that was chosen on an earlier visit, if any. */
export function restoreTheme(): void {
  const stored = localStorage.getItem(STORED)
  if (isTheme(stored)) document.documentElement.dataset.theme = stored
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  localStorage.setItem(STORED, theme)
}
