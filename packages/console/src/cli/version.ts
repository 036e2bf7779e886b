/** The version of the console and of `tfcache`, as package.json has it. */
export const VERSION = '0.1.0'
