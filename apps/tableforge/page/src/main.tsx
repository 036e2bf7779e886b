import './zod-without-eval.js'
import './styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.js'
import { restoreTheme } from './ui/theme.js'

restoreTheme()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root to render into')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
