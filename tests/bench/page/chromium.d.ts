// What Chromium has with the runner's flags.

/** `--js-flags=--expose-gc` */
declare function gc(): void;

interface Performance {
  /** Exact with `--enable-precise-memory-info`. */
  readonly memory: { readonly usedJSHeapSize: number };
}

interface Navigator {
  readonly userAgentData: {
    getHighEntropyValues(
      hints: readonly ['fullVersionList'],
    ): Promise<{ readonly fullVersionList: readonly { readonly brand: string; readonly version: string }[] }>;
  };
}
