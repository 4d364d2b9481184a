import type { ReactNode } from 'react';
import classes from './Beside.module.css';

/** Cards beside each other where there is room; a lone one takes all of it. */
export function Beside({ children }: { children: ReactNode }) {
  return <div className={classes.beside}>{children}</div>;
}
