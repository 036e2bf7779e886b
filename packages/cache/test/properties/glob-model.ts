/** A glob as the simplest correct thing: an anchored regular expression over code points. Too slow for hostile ones. */
export function globModel(source: string): RegExp {
  const body = source.replace(/\\(.)|./gsu, (token, escaped: string | undefined) => {
    if (escaped === undefined && token === '*') return '[^]*'
    if (escaped === undefined && token === '?') return '[^]'
    return (escaped ?? token).replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')
  })
  return new RegExp(`^${body}$`, 'u')
}
