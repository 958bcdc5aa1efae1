import { sampleRepository } from '../src/demo/sample.ts';
import type { Files } from '../src/demo/github/index.ts';

/** The demo's sample site with a headline that nobody has built before: two texts are two images, and no cache knows them. */
export async function siteThatSays(headline: string): Promise<Files> {
  const files = await sampleRepository();
  const page = String(files['index.html']);
  const changed = page.replace(/<h1>[^<]*<\/h1>/, `<h1>${headline}</h1>`);
  if (changed === page) throw new Error('the sample page has no headline to change');
  return { ...files, 'index.html': changed };
}
