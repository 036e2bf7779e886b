import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const STORED = 'console-theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const motion = matchMedia('(prefers-reduced-motion: reduce)')
const listeners = new Set<() => void>()

/** The theme chosen here before, or the system's. */
export function currentTheme(): Theme {
  const chosen = localStorage.getItem(STORED)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme)
  apply()
}

export function startTheme(): void {
  system.addEventListener('change', apply)
  apply()
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme)
}

export function useReducedMotion(): boolean {
  return useSyncExternalStore(
    (listener) => {
      motion.addEventListener('change', listener)
      return () => motion.removeEventListener('change', listener)
    },
    () => motion.matches,
  )
}

function apply(): void {
  document.documentElement.dataset.theme = currentTheme()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
