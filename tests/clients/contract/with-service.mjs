// Starts the service and runs a story against it: `node with-service.mjs <command> <arguments…>`. The story finds what
// the service said (addresses, tokens) as JSON in ANSVAR_SAYS, and its exit code is this program's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startService } from '../lib/service.mjs';

const [command, ...args] = process.argv.slice(2);
const service = await startService();
try {
  const story = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ANSVAR_SAYS: JSON.stringify(service.says) },
    timeout: 120_000,
  });
  // Whoever ends this program early ends the story too; the service ends with it by itself.
  process.once('exit', () => story.kill('SIGKILL'));
  const [code, signal] = await once(story, 'exit');
  if (code !== 0) console.error(`The story failed (${code ?? signal}). The service's log:\n${service.log()}`);
  process.exitCode = code ?? 1;
} finally {
  await service.stop();
}
