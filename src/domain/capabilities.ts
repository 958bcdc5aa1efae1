/** What common images need to drop root, own their files and listen below 1024; nothing that reaches beyond the container. A container has no other. */
export const containerCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETUID', 'SETGID', 'KILL', 'NET_BIND_SERVICE'] as const;

/**
 * The capabilities that a file asks for: the permitted set of its `security.capability` attribute (`struct vfs_cap_data` of linux/capability.h: 32-bit words in
 * little-endian order, revision and flags, then permitted and inheritable, twice from revision 2 on). None for anything else.
 */
export function capabilitiesOf(attribute: Uint8Array): string[] {
  const words = new DataView(attribute.buffer, attribute.byteOffset, attribute.byteLength);
  if (attribute.byteLength < 12) return [];
  const firstRevision = words.getUint32(0, true) >>> 24 < 2;
  const permitted = [words.getUint32(4, true), firstRevision || attribute.byteLength < 20 ? 0 : words.getUint32(12, true)];
  return names.filter((_, bit) => (permitted[bit >> 5]! & (1 << (bit & 31))) !== 0);
}

/** By number, capabilities(7). */
const names: readonly string[] = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST',
  'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE',
  'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM',
  'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
];
