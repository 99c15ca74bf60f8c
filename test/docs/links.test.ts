import { dirname, join, relative } from 'node:path';
import { ROOT, filesBelow, isThere, textOf } from '../support/source-files.ts';

const pages = filesBelow('.').filter((file) => file.endsWith('.md'));

interface Link {
  readonly page: string;
  readonly target: string;
}

/** The links of a page to files of the project; `target` is a path from its root, with the heading after `#`. */
function linksOf(page: string): Link[] {
  const text = textOf(page).replaceAll(/^```[^]*?^```/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => ({
      page,
      target: target.startsWith('#') ? page + target : relative(ROOT, join(ROOT, dirname(page), target)),
    }));
}

/** What a heading is called in a link to it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading));

/** Paths of the project that a page shows as code, without line ends or wildcards. */
const pathsOf = (page: string) =>
  [...textOf(page).matchAll(/`((?:src|test|docs|bench|examples|scripts)\/[\w./-]+)`/g)].map(([, path = '']) => path);

describe('the pages', () => {
  const links = pages.flatMap(linksOf);

  test.each(links)('$page links to $target, which is there', ({ target }) => {
    const [file = '', heading] = target.split('#');
    expect(isThere(file)).toBe(true);
    if (heading !== undefined) expect(anchorsOf(file)).toContain(heading);
  });

  test.each(pages.flatMap((page) => pathsOf(page).map((path) => ({ page, path }))))(
    '$page names $path, which is there',
    ({ path }) => {
      expect(isThere(path)).toBe(true);
    },
  );

  test('of docs/ are all linked from the README', () => {
    const linked = linksOf('README.md').map(({ target }) => target.split('#')[0]);
    for (const page of pages.filter((each) => /^docs\/[^/]+\.md$/.test(each))) expect(linked).toContain(page);
  });
});
