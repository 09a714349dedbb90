// The hooks of `envsocket/react` in a page, with the React of development: only that one has StrictMode's
// double effects. Must not: test what a connection does without React.

import { closeOnUnmount } from './react/close-on-unmount';
import { conversing } from './react/conversing';
import { hotReload } from './react/hot-reload';
import { hydration } from './react/hydration';
import { life } from './react/life';
import { messages } from './react/messages';
import { observing } from './react/observing';
import { strictMode } from './react/strict-mode';
import { run } from './support/harness';

run(20_000, () => {
  strictMode();
  messages();
  life();
  closeOnUnmount();
  observing();
  conversing();
  hydration();
  hotReload();
});
