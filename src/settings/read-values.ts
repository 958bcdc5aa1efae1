import { variables } from './variables.ts';
import type { Values, VariableName, Variable } from './variables.ts';

/** Reads every variable on its own. On failure one sentence for each that is missing or wrong, in the order of the table. */
export function readValues(env: Readonly<Record<string, string | undefined>>): { values: Values } | { problems: string[] } {
  const values: Partial<Record<VariableName, unknown>> = {};
  const problems: string[] = [];
  for (const name of Object.keys(variables) as VariableName[]) {
    const { parse, required, default: byDefault }: Variable<unknown> = variables[name];
    const text = isSet(env, name) ? env[name] : byDefault;
    if (text === undefined) {
      values[name] = null;
      if (required !== undefined) problems.push(`${name} is not set. ${required}`);
      continue;
    }
    const parsed = parse(text);
    if ('problem' in parsed) problems.push(`${name} ${parsed.problem}`);
    else values[name] = parsed.value;
  }
  problems.push(...pairProblems(env));
  return problems.length > 0 ? { problems } : { values: values as Values };
}

/** An empty variable counts as unset: that is how env files leave one out. */
function isSet(env: Readonly<Record<string, string | undefined>>, name: VariableName): boolean {
  return env[name] !== undefined && env[name] !== '';
}

function pairProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  const key = isSet(env, 'PRIVATE_KEY');
  const path = isSet(env, 'PRIVATE_KEY_PATH');
  if (!key && !path) problems.push('PRIVATE_KEY is not set, nor is PRIVATE_KEY_PATH. Set one of them to the private key of your GitHub App, or to the path of its file.');
  if (key && path) problems.push('PRIVATE_KEY and PRIVATE_KEY_PATH are both set. Keep one of them.');
  if (isSet(env, 'GITHUB_CLIENT_ID') !== isSet(env, 'GITHUB_CLIENT_SECRET')) {
    problems.push('Only one of GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET is set. Set both, or neither.');
  }
  return problems;
}
