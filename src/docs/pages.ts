import { envExample } from '../settings/env-example.ts';
import { commandsPage } from './commands.ts';
import { labelsPage } from './labels.ts';
import { metricsPage } from './metrics.ts';
import { settingsPage } from './settings.ts';
import { statesPage } from './states.ts';
import { tablesPage } from './tables.ts';

/** Every file that is made from the code's own tables, by its path in the repository. */
export function generatedFiles(): Record<string, string> {
  return {
    '.env.example': envExample(),
    'docs/reference/commands.md': commandsPage(),
    'docs/reference/labels.md': labelsPage(),
    'docs/reference/metrics.md': metricsPage(),
    'docs/reference/settings.md': settingsPage(),
    'docs/reference/states.md': statesPage(),
    'docs/reference/tables.md': tablesPage(),
  };
}
