import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missedProcessOne, mustBeProcessOne } from '../../../src/domain/init.ts';

const commands: { name: string; command: string[]; must: boolean }[] = [
  { name: 's6-overlay', command: ['/init'], must: true },
  { name: 's6-overlay with a command', command: ['/init', 'nginx', '-g', 'daemon off;'], must: true },
  { name: 's6 itself', command: ['/usr/bin/s6-svscan', '/etc/s6'], must: true },
  { name: 'systemd', command: ['/lib/systemd/systemd'], must: true },
  { name: 'SysV init', command: ['/sbin/init'], must: true },
  { name: 'phusion/baseimage', command: ['/sbin/my_init', '--', 'run'], must: true },
  { name: 'a shell that execs it', command: ['/bin/sh', '-c', 'exec /init'], must: true },
  { name: 'an app', command: ['node', 'server.mjs'], must: false },
  { name: 'an app whose argument looks like one', command: ['node', '/init'], must: false },
  { name: 'a script named like one and more', command: ['/docker-entrypoint-init.sh'], must: false },
  { name: 'a login shell that runs it', command: ['/bin/bash', '-lc', '/init'], must: true },
  { name: 'tini that runs it', command: ['/sbin/tini', '--', '/init'], must: true },
  { name: 'a shell that runs an app', command: ['sh', '-c', 'node server.mjs /init'], must: false },
  { name: 'tini', command: ['/sbin/tini', '--', 'node'], must: false },
  { name: 'nothing', command: [], must: false },
];

describe('whether an image must be process 1 in its container', () => {
  for (const { name, command, must } of commands) test(`${name}: ${must ? 'yes' : 'no'}`, () => assert.equal(mustBeProcessOne(command), must));
});

const tails: { says: string; missed: boolean }[] = [
  { says: 's6-overlay-suexec: fatal: can only run as pid 1', missed: true },
  { says: '/package/admin/s6-overlay/libexec/preinit: fatal: must be run as PID 1', missed: true },
  { says: 'init: not running as process 1', missed: true },
  { says: "runit: fatal: must be run as process no 1.", missed: true },
  { says: "Couldn't find an alternative telinit implementation to spawn.", missed: true },
  { says: 'Trying to run as user instance, but the system has not been booted with systemd.', missed: true },
  { says: 'killing not found, process 1', missed: false },
  { says: 'could not be started: process 1 of 4 died', missed: false },
  { says: 'must be process 1 of 4', missed: false },
  { says: 'worker with pid 1 started', missed: false },
  { says: 'Error: cannot find module', missed: false },
  { says: 'must be run as pid 1234', missed: false },
  { says: '', missed: false },
];

describe('whether a program that ended says that it could only have run as process 1', () => {
  for (const { says, missed } of tails) test(`${JSON.stringify(says)}: ${missed ? 'yes' : 'no'}`, () => assert.equal(missedProcessOne(`starting\n${says}\n`), missed));
});
