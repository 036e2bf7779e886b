import { defineConfig } from 'drizzle-kit'

/** `npm run migrations -w @tableforge/app` writes the SQL that leads from the last migration to the schema. */
export default defineConfig({ dialect: 'postgresql', schema: './src/database/schema.ts', out: './drizzle' })
