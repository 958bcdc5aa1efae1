/** How a person names a preview on the command line: by its host, or by what it shows. */
export type PreviewName =
  | { kind: 'host'; hostLabel: string }
  | { kind: 'pull'; owner: string; repo: string; number: number }
  | { kind: 'branch'; owner: string; repo: string; branch: string };

/**
 * Reads `project-1-feature-a`, `project-1-feature-a.kosuke.ai`, `https://project-1-feature-a.kosuke.ai/any?path`,
 * `acme/shop#12` and `acme/shop@feature/a`; `null` for anything else. A host is known by its first label alone.
 */
export function parsePreviewName(text: string): PreviewName | null {
  const pull = /^([A-Za-z0-9_-]+)\/([A-Za-z0-9._-]+)#([1-9]\d{0,8})$/.exec(text);
  if (pull) return { kind: 'pull', owner: pull[1]!, repo: pull[2]!, number: Number(pull[3]) };
  const branch = /^([A-Za-z0-9_-]+)\/([A-Za-z0-9._-]+)@(.+)$/s.exec(text);
  if (branch) return { kind: 'branch', owner: branch[1]!, repo: branch[2]!, branch: branch[3]! };
  const host = /^(?:https?:\/\/)?(project-\d[a-z0-9-]*)(?:\.[a-z0-9.-]+)?(?::\d+)?(?:[/?#].*)?$/is.exec(text);
  const hostLabel = host?.[1]?.toLowerCase();
  return hostLabel !== undefined && hostLabel.length <= 63 ? { kind: 'host', hostLabel } : null;
}
