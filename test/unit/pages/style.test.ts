import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookNames } from '../../../src/pages/ansi.ts';
import { style } from '../../../src/pages/style.ts';

const [light = '', dark = ''] = [...style.matchAll(/:root \{([^}]*--paper[^}]*)\}/g)].map((match) => match[1]!);
const colour = (theme: string, name: string) => {
  const value = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(theme)?.[1];
  assert.ok(value !== undefined, `there is no --${name}`);
  return value;
};

/** Contrast of two colours as WCAG 2 counts it, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [one, other].map(luminance).toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('every colour of text and log is readable on its ground, in light and in dark', () => {
  for (const theme of [light, dark]) {
    for (const name of ['ink', 'soft', 'accent', 'bad', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']) {
      // On a coloured ground the text has the colour of the card, so that these are the same.
      for (const ground of ['paper', 'card']) assert.ok(contrast(colour(theme, name), colour(theme, ground)) >= 4.5, `--${name} on --${ground}: ${contrast(colour(theme, name), colour(theme, ground))}`);
    }
  }
});

test('every look of a log has its rule, and a ground comes after what would colour its text', () => {
  const at = (name: string) => style.search(new RegExp(`\\.log \\.${name} \\{`));
  for (const name of lookNames) assert.ok(at(name) > 0, name);
  for (const ground of lookNames.filter((name) => name.startsWith('g'))) {
    for (const other of ['d', 'c1', 'c6']) assert.ok(at(ground) > at(other), `${ground} ${other}`);
  }
});

test('no text is smaller than 14 px', () => {
  const sizes = [...style.matchAll(/font-size: ([\d.]+)rem/g)].map((match) => Number(match[1]) * 16);
  assert.ok(sizes.length > 5);
  assert.ok(Math.min(...sizes) >= 14, String(Math.min(...sizes)));
});
