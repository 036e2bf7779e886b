import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import 'uplot/dist/uPlot.min.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/lists.css'
import './styles/tables.css'
import './styles/actions.css'
import { App } from './app.js'
import { feed } from './feed.js'
import { startTheme } from './theme.js'

startTheme()
feed.start()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
