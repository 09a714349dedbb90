// Leaving a page: the browser says goodbye by itself, and a goodbye of ours would end the session.

import { assert } from 'chai';
import { newId, observed } from '../support/server';

/** A page in a frame that has opened a connection under this id. */
async function framed(id: string): Promise<HTMLIFrameElement> {
  const frame = document.createElement('iframe');
  frame.src = `/frame?id=${encodeURIComponent(id)}`;
  document.body.append(frame);
  await observed(id, { open: 1, messages: 1 });
  return frame;
}

const WAYS: Record<string, (frame: HTMLIFrameElement) => void> = {
  'is closed': (frame) => frame.remove(),
  'goes elsewhere': (frame) => {
    frame.src = 'about:blank';
  },
  'is loaded again': (frame) => frame.contentWindow!.location.replace('/frame?id=other'),
};

export function leaving(): void {
  afterEach(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()));

  for (const [what, leave] of Object.entries(WAYS)) {
    it(`sends no close of its own when the page ${what}`, async () => {
      const id = newId();
      leave(await framed(id));
      const { closes } = await observed(id, { closes: 1 });
      // 1001 is the browser's; 1006 is none at all, 1005 one without a code.
      assert.oneOf(closes[0]!.code, [1001, 1005, 1006]);
    });
  }
}
