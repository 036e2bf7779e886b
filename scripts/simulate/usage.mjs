import { SYNTHETIC_TRACES } from '@tableforge/cache/simulator'

const synthetic = Object.entries(SYNTHETIC_TRACES).flatMap(([name, { about, defaults }]) => {
  const options = Object.entries(defaults).map(([option, usual]) => `${option}=${usual}`)
  return [`  ${name.padEnd(23)}${about}`, `${' '.repeat(25)}${options.join(', ')}`]
})

export const USAGE = `npm run simulate -- --trace FILE [options]

Replays requests against the eviction policies of the memory tier, and against Belady's optimum, which knows the future.

What is replayed (any number of these; each is reported apart unless --combine says otherwise):
  --trace FILE           recorded requests; also .gz, and .zst on Node.js 22.15 and newer
  --format FORMAT        u32, arc, lirs, oracle or csv; default: by the file's name
  --columns LIST         of a CSV file without a line that names them: key, time, size, ttl, op, ignored
  --limit N              only the first N requests of each file
  --synthetic NAME       made-up requests, always the same for a seed; NAME:option=value,... sets options
  --combine HOW          concat: one after another; mix: all at once
  --seed N               of made-up requests and mixes (default 1)

Made-up requests, and their options:
${synthetic.join('\n')}

How:
  --size LIST            10% (of the distinct keys), 5000 (entries) or 64mb (bytes); default 10%
  --by bytes             percentages are of the bytes that hold every key, not of the number of keys
  --policies LIST        names separated by commas, or all (default)
  --sample SHARE         only this share of the keys, with caches as much smaller (SHARDS): fast, approximate

What comes out:
  --json                 everything, for a program
  --curve FILE           miss ratios over many sizes, drawn: a page (.html) or a picture (.svg)
  --points N             sizes on the curve (default 16)
  --matrix FOLDER        every trace of a folder at 0.5, 1, 5, 10 and 25 % by every policy
  --judge POLICY         of the matrix: the policy that is held against the others (default adaptive)
  --save FILE            writes what would be replayed, as .u32, .csv or .oracleGeneral (also .gz), and ends

Examples:
  npm run simulate -- --trace requests.csv.gz --size 1%,10%,64mb
  npm run simulate -- --synthetic zipf:keys=100000,skew=0.9 --size 1% --policies lru,s3-fifo,belady
  npm run simulate -- --synthetic shifting --synthetic scan --combine mix --curve curve.html
  npm run simulate -- --matrix traces --json

Exits with 0 when all was replayed, with 1 when a trace could not be read, with 2 when the command line is wrong.`
