#!/usr/bin/env node
// Kept beside the build, so that npm finds it, and may run it, before anything is built.
import '../dist/cli/main.js'
