import { config } from 'zod'

// Imported before everything else: zod compiles validators with `new Function` unless told not to, and even its probe
// for that would violate the page's Content-Security-Policy.
config({ jitless: true })
