// What stands in the workspace when there is no terminal to show: one line that says why, one that helps, and
// the way on.

import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { SvgIconProps } from '@mui/material/SvgIcon';
import type { ComponentType, ReactNode } from 'react';

interface Props {
  readonly icon: ComponentType<SvgIconProps>;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}

export function Notice({ icon: Icon, title, text, children }: Props) {
  return (
    <Box
      sx={{
        flex: 1,
        display: 'grid',
        placeContent: 'center',
        justifyItems: 'center',
        p: 4,
        textAlign: 'center',
      }}
    >
      <Icon sx={{ fontSize: 44, color: 'text.secondary', opacity: 0.5, mb: 2 }} />
      <Typography component="p" sx={{ fontSize: 17, fontWeight: 600, mb: 0.75, overflowWrap: 'anywhere' }}>
        {title}
      </Typography>
      <Typography variant="body2" sx={{ color: 'text.secondary', maxWidth: 420, mb: 2.5 }}>
        {text}
      </Typography>
      <Box sx={{ display: 'flex', gap: 1 }}>{children}</Box>
    </Box>
  );
}
