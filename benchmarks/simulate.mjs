// Decides requests by policies, a case a line. See simulate.py.
import { createInterface } from 'node:readline'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const DECISIONS = { Allowed: 'Allow', ExplicitlyDenied: 'Deny', ImplicitlyDenied: 'None' }

function decide(policy, request) {
  try {
    const result = runUnsafeSimulation({
      request, identityPolicies: [{ name: 'policy', policy }],
      serviceControlPolicies: [], resourceControlPolicies: []
    }, {})
    return DECISIONS[result] ?? result
  } catch (error) {
    return `error: ${error.message}`
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { policies, requests } = JSON.parse(line)
  console.log(JSON.stringify(policies.map((policy) => requests.map((request) => decide(policy, request)))))
}
