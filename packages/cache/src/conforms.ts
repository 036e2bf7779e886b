import type { StandardSchemaV1 } from './options.js'

/**
 * Whether a value conforms to a Standard Schema (https://standardschema.dev). The schema judges and does not transform:
 * what is cached is what the loader returned, so that a value read back is judged by the same measure. A value at which
 * the schema throws does not conform.
 */
export async function conforms(schema: StandardSchemaV1 | undefined, value: unknown): Promise<boolean> {
  if (schema === undefined || value === undefined || value === null) return true
  try {
    const result = await schema['~standard'].validate(value)
    return result.issues === undefined
  } catch {
    return false
  }
}
