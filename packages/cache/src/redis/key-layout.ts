/**
 * Where everything of one namespace lies in Redis. Everything begins with `${namespace}:`.
 *
 * | Key | Holds |
 * |---|---|
 * | `ns:v:{.KEY}` | the encoded value of KEY |
 * | `ns:l:{.KEY}` | the token of the node that may fill KEY |
 * | `ns:w:{.KEY}` | present while somebody waits for that lease to end |
 * | `ns:log:{ns}:head` | hash: epoch, seq, id, floor, clearedAt, marks, and a field `p:SEQ` for each message with
 * patterns | | `ns:log:{ns}:stream` | the messages, with ids `SEQ-0` | | `ns:log:{ns}:tags` | sorted set: the last seq
 * of `d:TAG` (deleted) and `e:TAG` (expired) | | `ns:b:{.TOPIC}` | hash: the names of the parts that nodes have put up
 * under TOPIC | | `ns:b:{.TOPIC}:PART` | one of those parts | | `ns:c:{.CHORE}` | the node that has taken CHORE | |
 * `ns:s:{ns}:ID` | the property names of a structure that values refer to |
 *
 * On Cluster the slot is the hash of what stands between the first `{` and the next `}`. A namespace contains no
 * braces, so that the first is ours. The dot keeps the tag from being empty (an empty one does not count), also when
 * KEY is empty or begins with `}`; a `}` later in KEY only ends the tag sooner, equally for all three. The prefixes
 * have a fixed length and KEY is not changed, so no two keys meet.
 */
export interface KeyLayout {
  readonly head: string
  readonly stream: string
  readonly tags: string
  /** Channel of the log's messages. Redis does not scope channels by database: other databases than 0 are named. */
  readonly logChannel: string
  /** Channel on which the waiting marker of a key is named when its lease ended. */
  readonly fillChannel: string
  /** What SCAN must match to find values; namespaces contain no glob characters. */
  readonly valuePattern: string
  /** A key, and a channel, that nothing uses, to try out permissions on. */
  readonly probe: string
  value(key: string): string
  lease(key: string): string
  waiting(key: string): string
  topic(topic: string): string
  part(topic: string, part: string): string
  chore(chore: string): string
  structure(id: string): string
  /** The key of a value's name, `undefined` for what we did not name. */
  keyOfValue(name: string): string | undefined
  keyOfWaiting(name: string): string | undefined
}

export function keyLayout(namespace: string, db: number): KeyLayout {
  const suffix = db === 0 ? '' : `@${db}`
  const part = (letter: string) => `${namespace}:${letter}:{.`
  const [value, lease, waiting] = [part('v'), part('l'), part('w')]
  const unwrap = (prefix: string, name: string) =>
    name.startsWith(prefix) && name.endsWith('}') ? name.slice(prefix.length, -1) : undefined
  return {
    head: `${namespace}:log:{${namespace}}:head`,
    stream: `${namespace}:log:{${namespace}}:stream`,
    tags: `${namespace}:log:{${namespace}}:tags`,
    logChannel: `${namespace}:log${suffix}`,
    fillChannel: `${namespace}:fill${suffix}`,
    valuePattern: `${value}*`,
    probe: `${namespace}:log:{${namespace}}:probe`,
    value: (key) => `${value}${key}}`,
    lease: (key) => `${lease}${key}}`,
    waiting: (key) => `${waiting}${key}}`,
    topic: (topic) => `${namespace}:b:{.${topic}}`,
    part: (topic, name) => `${namespace}:b:{.${topic}}:${name}`,
    structure: (id) => `${namespace}:s:{${namespace}}:${id}`,
    chore: (chore) => `${namespace}:c:{.${chore}}`,
    keyOfValue: (name) => unwrap(value, name),
    keyOfWaiting: (name) => unwrap(waiting, name),
  }
}
