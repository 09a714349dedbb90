// Evaluates a package a second time in the same page: `import … from 'module?again'` brings the module, and
// all that it imports from its own package, apart from the first. Must not: double what other packages bring.

const AGAIN = '?again';

export const again = {
  name: 'again',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    const fromAgain = importer?.endsWith(AGAIN) && source.startsWith('.');
    if (!source.endsWith(AGAIN) && !fromAgain) return null;
    const plain = (id) => (id?.endsWith(AGAIN) ? id.slice(0, -AGAIN.length) : id);
    const found = await this.resolve(plain(source), plain(importer), { ...options, skipSelf: true });
    return found && `${found.id}${AGAIN}`;
  },
};
