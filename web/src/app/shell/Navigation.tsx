import { Text } from '@mantine/core';
import {
  IconChartBar,
  IconHistory,
  IconHome,
  IconSchool,
  IconSettings,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { colourOf } from '@/features/classrooms/colour';
import { selectActiveClassrooms } from '@/features/classrooms/store';
import { selectRole } from '@/features/session/store';
import type { Role } from '@/shared/api/schemas';
import { useAppSelector } from '@/shared/store';
import classes from './Navigation.module.css';

interface Place {
  to: string;
  key: string;
  icon: Icon;
}

/** Where each role can go; search offers the same places. */
export const PLACES: Record<Role, Place[]> = {
  student: [
    { to: '/', key: 'home', icon: IconHome },
    { to: '/classrooms', key: 'classrooms', icon: IconSchool },
    { to: '/performance', key: 'myPerformance', icon: IconChartBar },
  ],
  teacher: [
    { to: '/', key: 'home', icon: IconHome },
    { to: '/classrooms', key: 'classrooms', icon: IconSchool },
    { to: '/performance', key: 'performance', icon: IconChartBar },
  ],
  admin: [
    { to: '/', key: 'home', icon: IconHome },
    { to: '/people', key: 'people', icon: IconUsers },
    { to: '/classrooms', key: 'classrooms', icon: IconSchool },
    { to: '/teachers', key: 'teachers', icon: IconChartBar },
    { to: '/audit-log', key: 'auditLog', icon: IconHistory },
    { to: '/school', key: 'school', icon: IconSettings },
  ],
};

export function Navigation() {
  const { t } = useTranslation();
  const role = useAppSelector(selectRole) ?? 'student';
  const classrooms = useAppSelector(selectActiveClassrooms);
  return (
    <div className={classes.links}>
      {PLACES[role].map(({ to, key, icon: Picture }) => (
        <NavLink key={to} to={to} end={to === '/' || to === '/classrooms'} className={classes.link}>
          <Picture size={19} stroke={1.8} aria-hidden />
          {t(`nav.${key}`)}
        </NavLink>
      ))}
      {classrooms.length > 0 && (
        <Text size="xs" fw={600} mt="lg" mb={4} px="sm" className={classes.label}>
          {t('nav.myClassrooms')}
        </Text>
      )}
      {classrooms.map((one) => (
        <NavLink key={one.id} to={`/classrooms/${one.id}`} className={classes.link}>
          <span className={classes.dot} style={{ background: colourOf(one) }} aria-hidden />
          <span className={classes.title}>{one.title}</span>
        </NavLink>
      ))}
    </div>
  );
}
