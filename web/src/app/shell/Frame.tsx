import {
  AppShell,
  Box,
  Burger,
  Button,
  Center,
  Container,
  Group,
  Loader,
  ScrollArea,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Outlet, useLocation, useSearchParams } from 'react-router';
import { follow, unfollow } from '@/features/session/feed';
import { resume, selectRole, selectSession } from '@/features/session/store';
import type { Role } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { OfflineBanner } from '@/shared/components/OfflineBanner';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import classes from './Frame.module.css';
import { Header } from './Header';
import { Navigation } from './Navigation';

const Search = lazy(() => import('./Search'));

/** The signed-in app: header, navigation, and the page. Whoever is not signed in goes to sign in and comes back. */
export function Frame() {
  const { status, problem, lost } = useAppSelector(selectSession);
  const dispatch = useAppDispatch();
  const { pathname, search } = useLocation();
  if (status === 'signed-out') {
    const query = new URLSearchParams({
      ...(pathname !== '/' && { return_to: pathname + search }),
      ...(lost && { lost: '1' }),
    });
    return <Navigate to={`/sign-in?${query.toString()}`} replace />;
  }
  if (status === 'failed') {
    return (
      <Container size="xs" py={80}>
        <Failure problem={problem} onRetry={() => void dispatch(resume())} />
      </Container>
    );
  }
  return status === 'ready' ? <Shell /> : <Waiting />;
}

function Shell() {
  const { t } = useTranslation();
  const dispatch = useAppDispatch();
  useEffect(() => {
    dispatch(follow());
    return unfollow;
  }, [dispatch]);
  // Here, not in the search itself, which may still be on its way.
  useHotkeys([['mod+K', spotlight.open]]);
  const [opened, { close, toggle }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(() => close(), [pathname, close]);
  return (
    <AppShell
      layout="alt"
      header={{ height: 60 }}
      navbar={{ width: 264, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <AppShell.Header>
        <Header
          burger={
            <Burger opened={opened} onClick={toggle} hiddenFrom="md" color="white" size="sm" aria-label={t('menu')} />
          }
        />
      </AppShell.Header>
      <AppShell.Navbar aria-label={t('navigation')}>
        <Group h={60} px="md" justify="space-between" className={classes.brand}>
          <Brand />
          <Burger opened onClick={close} hiddenFrom="md" color="white" size="sm" aria-label={t('closeMenu')} />
        </Group>
        <ScrollArea flex={1} type="never">
          <Navigation />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} data-page={pathname}>
        <OfflineBanner />
        <Box className={classes.page}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Box>
      </AppShell.Main>
      <Suspense fallback={null}>
        <Search />
      </Suspense>
    </AppShell>
  );
}

function Brand() {
  return (
    <Link to="/" className={classes.brandLink}>
      <img src="/favicon.svg" alt="" width={28} height={28} />
      <Text span fw={700} fz="lg">
        Homeroom
      </Text>
    </Link>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh" role="status" aria-label={t('loading')}>
      <Loader />
    </Center>
  );
}

/** Pages for whoever is not signed in yet: a calm card beside a picture of what Homeroom is. */
export function Strangers() {
  const { t } = useTranslation();
  const { status } = useAppSelector(selectSession);
  const [query] = useSearchParams();
  const { pathname } = useLocation();
  if (status === 'ready' && (pathname === '/sign-in' || pathname === '/register')) {
    const wanted = query.get('return_to') ?? '/';
    return <Navigate to={/^\/(?![/\\])/.test(wanted) ? wanted : '/'} replace />;
  }
  return (
    <Box className={classes.strangers}>
      <Box className={classes.cover} visibleFrom="md">
        <Brand />
        <Stack gap="md" maw={440}>
          <Title order={2} fz={34} lh={1.2}>
            {t('cover.title')}
          </Title>
          <Text fz="lg" opacity={0.85}>
            {t('cover.text')}
          </Text>
        </Stack>
        <Text size="sm" opacity={0.7}>
          {t('cover.foot')}
        </Text>
      </Box>
      <Box component="main" className={classes.card} id="main" data-page={pathname}>
        <OfflineBanner />
        <Box w="100%" maw={420} mx="auto">
          <Box hiddenFrom="md" mb="xl" className={classes.smallBrand}>
            <Brand />
          </Box>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Box>
      </Box>
    </Box>
  );
}

/** Pages of these roles: for anybody else there is nothing. */
export function Only({ roles }: { roles: Role[] }) {
  const role = useAppSelector(selectRole);
  return role && roles.includes(role) ? <Outlet /> : <NotFound />;
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Stack align="flex-start" maw={520} mx="auto" py={60}>
      <Title order={1}>{t('boundary.notFound.title')}</Title>
      <Text c="dimmed">{t('boundary.notFound.text')}</Text>
      <Button component={Link} to="/">
        {t('boundary.notFound.action')}
      </Button>
    </Stack>
  );
}
