// The demo's looks: colours, fonts, and what MUI's parts have in common. Holds no component and no layout.

import { createTheme } from '@mui/material/styles';

export const MONOSPACE =
  'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, "DejaVu Sans", sans-serif';

/** What a state looks like. The two "connected" ones are the product's own; the others go with them. */
export const STATUS_COLORS = {
  active: '#4caf50',
  background: '#2196f3',
  waiting: '#ffb74d',
  failed: '#ef5350',
  neutral: '#90a0b3',
} as const;

export const SURFACES = {
  terminal: '#0c0f14',
  page: '#0c0f14',
  panel: '#11151b',
  raised: '#1a2029',
  line: 'rgba(148, 163, 184, 0.14)',
  edge: 'rgba(148, 163, 184, 0.3)',
  hover: 'rgba(148, 163, 184, 0.08)',
  selected: 'rgba(148, 163, 184, 0.15)',
} as const;

/** Dark text on a filled chip: white on #4caf50 has a contrast of 2.8, this has more than 6. */
export const ON_STATUS = '#07120a';

const FOCUS_RING = { outline: '2px solid #8ab4ff', outlineOffset: -2 };

export const theme = createTheme({
  palette: {
    mode: 'dark',
    primary: { main: '#dfe5ec', contrastText: '#11151b' },
    error: { main: STATUS_COLORS.failed },
    success: { main: STATUS_COLORS.active },
    background: { default: SURFACES.page, paper: SURFACES.panel },
    text: { primary: '#e6eaf0', secondary: '#9aa7b8' },
    divider: SURFACES.line,
  },
  shape: { borderRadius: 8 },
  typography: { fontFamily: SANS, fontSize: 13, button: { textTransform: 'none', fontWeight: 600 } },
  components: {
    MuiButtonBase: {
      defaultProps: { disableRipple: true },
      styleOverrides: { root: { '&.Mui-focusVisible': FOCUS_RING } },
    },
    MuiButton: {
      defaultProps: { size: 'small', disableElevation: true },
      styleOverrides: { outlined: { borderColor: SURFACES.edge, whiteSpace: 'nowrap' } },
    },
    MuiIconButton: { defaultProps: { size: 'small' } },
    MuiTooltip: {
      defaultProps: { arrow: true, enterDelay: 400, disableInteractive: true },
      styleOverrides: {
        tooltip: { backgroundColor: '#2a3340', fontSize: 12, maxWidth: 320 },
        arrow: { color: '#2a3340' },
      },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiDialog: {
      styleOverrides: { paper: { backgroundColor: SURFACES.raised, border: `1px solid ${SURFACES.line}` } },
    },
    MuiPopover: {
      styleOverrides: { paper: { backgroundColor: SURFACES.raised, border: `1px solid ${SURFACES.line}` } },
    },
  },
});
