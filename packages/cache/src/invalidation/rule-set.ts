import { invalidOption } from '../errors.js'
import { type Invalidates, nothing, type Rule, type Rules, type Strategy } from './rules.js'

/** The rules of each event, in one form. */
export class RuleSet {
  readonly #rules = new Map<string, readonly Rule<unknown>[]>()

  constructor(rules: Rules<object>) {
    if (typeof rules !== 'object' || rules === null) {
      throw invalidOption('rules', rules, 'an object from event names to rules, as defineRules() returns')
    }
    for (const [event, registered] of Object.entries(rules)) this.#rules.set(event, rulesOf(event, registered))
  }

  get events(): string[] {
    return [...this.#rules.keys()]
  }

  /** `undefined` for an event that nobody knows. */
  of(event: string): readonly Rule<unknown>[] | undefined {
    return this.#rules.get(event)
  }
}

function rulesOf(event: string, registered: unknown): Rule<unknown>[] {
  if (registered === nothing) return []
  const list: readonly unknown[] = Array.isArray(registered) ? registered : [registered]
  const strategy = event.split('.', 1)[0] as Strategy
  return list.map((one) => {
    if (typeof one === 'function') return { strategy, invalidates: one as Invalidates<unknown> }
    const { strategy: named, invalidates } = (one ?? {}) as Partial<Rule<unknown>>
    if (typeof named !== 'string' || typeof invalidates !== 'function') {
      throw invalidOption(
        `rules['${event}']`,
        one,
        'a function from payload to targets, rule(strategy, function), a list of them, or nothing',
      )
    }
    return { strategy: named, invalidates }
  })
}
