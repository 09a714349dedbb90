// Seconds until the next attempt, counted down in place. Hidden from screen readers: a voice every second
// helps nobody.

import Typography from '@mui/material/Typography';
import { useEffect, useState } from 'react';

/** `until` is Unix milliseconds. Draws nothing once it has passed. */
export function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now);

  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);

  const seconds = Math.ceil((until - now) / 1000);
  if (seconds <= 0) return null;
  return (
    <Typography
      aria-hidden
      sx={{ flexShrink: 0, fontSize: 12.5, color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}
    >
      next try in {seconds} s
    </Typography>
  );
}
