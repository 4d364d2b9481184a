/** Every token of the look: colours, type, radii, shadows. Components take them from here alone. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const navy: MantineColorsTuple = [
  '#eef3f9',
  '#d9e3ef',
  '#b1c5dd',
  '#86a5ca',
  '#6389b8',
  '#4a74a6',
  '#38618f',
  '#274a70',
  '#153250',
  '#0b1f33',
];
const leaf: MantineColorsTuple = [
  '#e8f8ef',
  '#d1eedd',
  '#a3dcba',
  '#72ca95',
  '#4bba76',
  '#2fb46a',
  '#239a58',
  '#1b8149',
  '#15703e',
  '#0c5a30',
];
// Mantine's dark scale, tinted to the navy of the header.
const dark: MantineColorsTuple = [
  '#d3dbe5',
  '#b4bfcd',
  '#98a6b8',
  '#66768b',
  '#3d4d62',
  '#2b3a4e',
  '#1c2a3c',
  '#142131',
  '#0f1a28',
  '#0a131e',
];

/** A classroom without a colour of its own gets one of these by its id; all carry white text (4.5 : 1). */
export const CLASSROOM_COLOURS = [
  '#1b7a4b',
  '#2563a8',
  '#8a4baf',
  '#b4491d',
  '#0e7484',
  '#a8385d',
  '#5b5fc7',
  '#7a6a10',
] as const;

export const theme = createTheme({
  colors: { navy, leaf, dark },
  primaryColor: 'leaf',
  primaryShade: 7,
  defaultRadius: 'md',
  radius: { md: '0.6rem', lg: '0.9rem' },
  fontFamily:
    "Inter, 'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif",
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.75rem' }, h2: { fontSize: '1.3rem' }, h3: { fontSize: '1.05rem' } },
  },
  shadows: {
    xs: '0 1px 2px rgba(11, 31, 51, 0.06)',
    sm: '0 1px 3px rgba(11, 31, 51, 0.08), 0 4px 14px rgba(11, 31, 51, 0.06)',
    md: '0 6px 24px rgba(11, 31, 51, 0.12)',
  },
  cursorType: 'pointer',
  components: {
    // The default radius would make a circle of a checkbox: it must not look like a radio button.
    Checkbox: { defaultProps: { radius: 'sm' } },
    Badge: { defaultProps: { tt: 'none' } },
    Card: { defaultProps: { withBorder: true, shadow: 'xs', padding: 'lg', radius: 'lg' } },
    Modal: { defaultProps: { centered: true, radius: 'lg', overlayProps: { blur: 2, backgroundOpacity: 0.4 } } },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});
