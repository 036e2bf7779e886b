import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Beside what `tsc` writes, in a folder of its own: neither build removes the other's files. */
export default defineConfig({
  root: here('.'),
  // Relative: the server completes the addresses with the path that the console is mounted at.
  base: './',
  plugins: [react()],
  build: {
    outDir: here('../dist/page'),
    emptyOutDir: true,
    // Nothing may be inlined as a data address: the policy of the page does not allow it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [here('index.html'), here('entrance.html')] },
  },
})
