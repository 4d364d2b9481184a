import {
  ActionIcon,
  Avatar,
  Group,
  Menu,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconLogout, IconMoon, IconSearch, IconStarFilled, IconSun, IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Bell } from '@/features/notifications/components/Bell';
import { selectPoints } from '@/features/own/store';
import { selectPerson, selectRole, signOut } from '@/features/session/store';
import { initials } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import classes from './Header.module.css';

/** Search, colour scheme, and the person. */
export function Header({ burger }: { burger: ReactNode }) {
  return (
    <Group h="100%" px={{ base: 'md', sm: 'xl' }} justify="space-between" wrap="nowrap" gap="sm">
      <Group gap="xs" wrap="nowrap" hiddenFrom="md">
        {burger}
        <Link to="/" className={classes.mark} aria-label="Homeroom">
          <img src="/favicon.svg" alt="" width={28} height={28} />
        </Link>
      </Group>
      <SearchButton />
      <Group className={classes.icons} wrap="nowrap">
        <Points />
        <Bell className={classes.icon} />
        <SchemeSwitch />
        <PersonMenu />
      </Group>
    </Group>
  );
}

function SearchButton() {
  const { t } = useTranslation();
  return (
    <UnstyledButton className={classes.search} onClick={spotlight.open} aria-label={t('search.open')}>
      <IconSearch size={18} aria-hidden />
      <Text span size="sm" truncate className={classes.hint}>
        {t('search.hint')}
      </Text>
      <kbd className={classes.key}>Ctrl K</kbd>
    </UnstyledButton>
  );
}

/** What a student has earned, and the way to what it was for. */
function Points() {
  const { t } = useTranslation();
  const student = useAppSelector(selectRole) === 'student';
  const points = useAppSelector(selectPoints);
  if (!student) return null;
  return (
    <Link to="/points" className={classes.points} aria-label={t('points', { count: points })}>
      <IconStarFilled size={18} aria-hidden />
      {points}
    </Link>
  );
}

function SchemeSwitch() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      className={classes.icon}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      aria-label={t(dark ? 'scheme.light' : 'scheme.dark')}
    >
      {dark ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
    </ActionIcon>
  );
}

function PersonMenu() {
  const { t } = useTranslation();
  const person = useAppSelector(selectPerson);
  const dispatch = useAppDispatch();
  const { run, busy } = useAction();
  if (!person) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t('personMenu', { name: person.name })}>
          <Avatar radius="xl" color="leaf" variant="filled" size={36}>
            {initials(person.name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} size="sm" c="var(--mantine-color-text)">
            {person.name}
          </Text>
          {person.school.name}
        </Menu.Label>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={16} aria-hidden />}>
          {t('nav.profile')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          disabled={busy}
          onClick={() => void run(() => dispatch(signOut()).unwrap())}
        >
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
