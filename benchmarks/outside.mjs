// Compares policies before and after a rewrite. See outside.py.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { expandIamActions } from '@cloud-copilot/iam-expand'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const listed = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const cache = new Map()

const lines = createInterface({ input: createReadStream(process.argv[2]), crlfDelay: Infinity })
let common = null
const counts = new Map()
let differences = 0

// The actions of a list; only those that both of us know, since the data differ in age.
async function actions(patterns) {
  const found = new Set()
  for (const pattern of patterns) {
    if (!cache.has(pattern)) {
      const names = await expandIamActions(pattern, { expandAsterisk: true })
      cache.set(pattern, names.map((name) => name.toLowerCase()).filter((name) => common.has(name)))
    }
    for (const name of cache.get(pattern)) found.add(name)
  }
  return found
}

// What a statement is about, but for its actions.
function key(statement) {
  const { Sid, Action, NotAction, Resource, NotResource, Condition, ...rest } = statement
  const conditions = Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([name, values]) => [operator, name.toLowerCase(), listed(values).map(String).sort()])
  )
  return JSON.stringify([
    Object.entries(rest).sort(), NotAction ? 'NotAction' : 'Action',
    listed(Resource).toSorted(), listed(NotResource).toSorted(), conditions.map((each) => JSON.stringify(each)).sort()
  ])
}

async function grouped(document) {
  const groups = new Map()
  for (const statement of listed(document.Statement)) {
    const name = key(statement)
    const found = await actions(listed(statement.Action ?? statement.NotAction))
    // Several statements with a NotAction are about all but what they have in common.
    const known = groups.get(name)
    if (known && statement.NotAction) groups.set(name, known.intersection?.(found) ?? new Set([...known].filter((each) => found.has(each))))
    else groups.set(name, known ? new Set([...known, ...found]) : found)
  }
  return groups
}

function decide(document, { action, resource, context }) {
  try {
    return runUnsafeSimulation({
      request: {
        principal: 'arn:aws:iam::123456789012:user/somebody', action,
        resource: { resource, accountId: '123456789012' }, contextVariables: context
      },
      identityPolicies: [{ name: 'policy', policy: document }],
      serviceControlPolicies: [], resourceControlPolicies: []
    }, {})
  } catch (error) {
    return `error: ${error.message}`
  }
}

for await (const line of lines) {
  const entry = JSON.parse(line)
  if (common === null) {
    const theirs = new Set((await expandIamActions('*', { expandAsterisk: true })).map((name) => name.toLowerCase()))
    common = new Set(entry.map((name) => name.toLowerCase()).filter((name) => theirs.has(name)))
    console.log(`actions: ${entry.length} in our catalog, ${theirs.size} in theirs, ${common.size} in both\n`)
    continue
  }
  const count = counts.get(entry.change) ?? { policies: 0, sets: 0, regrouped: 0, decisions: 0, allowed: 0, errors: 0, different: 0 }
  counts.set(entry.change, count)
  count.policies += 1
  const [before, after] = [await grouped(entry.before), await grouped(entry.after)]
  const said = []
  const kept = listed(entry.before.Statement).length === listed(entry.after.Statement).length
  const same = kept && before.size === after.size && [...before.keys()].every((name) => after.has(name))
  if (!same) count.regrouped += 1
  for (const [name, set] of before) {
    const other = after.get(name)
    if (!other) continue
    count.sets += 1
    const odd = [...set].filter((each) => !other.has(each)).concat([...other].filter((each) => !set.has(each)))
    // Where statements were merged or dropped, requests decide.
    if (odd.length && same) said.push(`actions differ: ${odd.slice(0, 5)}`)
  }
  for (const request of entry.requests) {
    if (!common.has(request.action.toLowerCase())) continue
    const [old, now] = [decide(entry.before, request), decide(entry.after, request)]
    count.decisions += 1
    if (old === 'Allowed') count.allowed += 1
    if (old.startsWith('error')) count.errors += 1
    if (old !== now) said.push(`${old} became ${now}: ${JSON.stringify(request)}`)
  }
  if (said.length) {
    count.different += 1
    differences += 1
    console.log(`${entry.name}, ${entry.change}: ${said.slice(0, 3).join('; ')}`)
  }
}
console.log('| rewrite | policies changed | action sets compared | with other statements | decisions | of them allowed | errors | different |')
console.log('|---|---|---|---|---|---|---|---|')
for (const [change, each] of counts) {
  console.log(`| ${[change, each.policies, each.sets, each.regrouped, each.decisions, each.allowed, each.errors, each.different].join(' | ')} |`)
}
process.exit(differences ? 1 : 0)
