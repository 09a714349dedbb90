// A machine that sleeps: its timers stand still, its wall clock does not, and nothing says so.

import { afterEach, expect, test, vi } from 'vitest';

import { createWebSocketManager } from 'envsocket';

afterEach(() => void vi.useRealTimers());

test('a sleep is noticed within ten seconds of waking, without any event', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  const hour = 3_600_000;
  let asked = 0;
  const manager = createWebSocketManager({
    backoff: { baseMs: 1_000 * hour, capMs: 1_000 * hour },
    url: () => {
      asked += 1;
      throw new Error('no ticket');
    },
  });
  manager.getConnection('project', 'env');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  vi.setSystemTime(Date.now() + 8 * hour);
  await vi.advanceTimersByTimeAsync(10_001);
  expect(asked).toBe(2);
  manager.closeAll();
});
