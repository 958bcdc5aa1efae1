import type { PreviewName } from '../domain/preview-name.ts';
import type { Preview } from '../domain/preview.ts';
import type { Store } from '../reconcile/ports/store.ts';

/** The preview that a person means; names of accounts and repositories are compared as GitHub does, without case. */
export async function findPreview(store: Store, name: PreviewName): Promise<Preview | null> {
  if (name.kind === 'host') return store.previews.byHostLabel(name.hostLabel);
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const ofRepository = (await store.previews.all()).filter(({ project }) => same(project.owner, name.owner) && same(project.name, name.repo));
  const found =
    name.kind === 'branch'
      ? ofRepository.find(({ ref }) => ref.kind === 'branch' && ref.name === name.branch)
      : ofRepository.find(({ ref, pulls }) => pulls.some((pull) => pull.number === name.number) || (ref.kind === 'pull' && ref.number === name.number));
  return found ?? null;
}
