import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The address of a running app, for `npx vite page` while the page is being worked on. */
const app = process.env.APP ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // A data: URL would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': app, '/socket.io': { target: app, ws: true } } },
})
