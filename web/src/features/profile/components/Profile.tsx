import { Badge, Button, Card, Group, PasswordInput, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NewPassword } from '@/features/session/components/NewPassword';
import { renamed, selectPerson, signedOut, switchSchool } from '@/features/session/store';
import { StoredFiles } from '@/features/uploads/components/StoredFiles';
import { auth, data } from '@/shared/api/client';
import { forgetToken } from '@/shared/api/tokens';
import { ask } from '@/shared/components/ask';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { chooseTimeZone, fromNow, timeZone } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { useEndAllSessionsMutation, useEndSessionMutation, useMembershipsQuery, useSessionsQuery } from '../api';
import { OwnData } from './OwnData';
import { SecondFactor } from './SecondFactor';

/** Who one is, how one signs in, and where one is signed in. */
export function Profile() {
  const { t } = useTranslation('profile');
  return (
    <Page title={t('title')} narrow>
      <Name />
      <Zone />
      <Password />
      <SecondFactor />
      <Sessions />
      <Schools />
      <StoredFiles of="account" />
      <OwnData />
    </Page>
  );
}

function Name() {
  const { t } = useTranslation('profile');
  const person = useAppSelector(selectPerson);
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { name: person?.name ?? '' } });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(
    (body) =>
      void run(
        async () => {
          const { name } = await data(auth.PATCH('/me', { body }));
          dispatch(renamed(name));
        },
        t('saved', { ns: 'common' }),
      ),
  );
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label={t('name')} required maxLength={200} autoComplete="name" {...form.getInputProps('name')} />
          <TextInput label={t('email')} value={person?.email ?? ''} readOnly variant="filled" />
          {!toldByFields(problem, ['name']) && <Failure problem={problem} />}
          <Button type="submit" loading={busy} w="fit-content">
            {t('save', { ns: 'common' })}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function Zone() {
  const { t } = useTranslation('profile');
  const [zone, setZone] = useState(timeZone());
  // A browser may use a zone that it does not list, such as UTC.
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', zone])].sort();
  return (
    <Card>
      <Select
        label={t('zone')}
        description={t('zoneText')}
        searchable
        allowDeselect={false}
        limit={60}
        data={zones}
        value={zone}
        onChange={(value) => {
          if (!value) return;
          chooseTimeZone(value);
          setZone(value);
        }}
      />
    </Card>
  );
}

function Password() {
  const { t } = useTranslation('profile');
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { current_password: '', new_password: '' } });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(async (body) => {
    if (await run(() => auth.POST('/me/password', { body }), t('passwordChanged'))) form.reset();
  });
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack>
          <Title order={2}>{t('password')}</Title>
          <PasswordInput
            label={t('current')}
            autoComplete="current-password"
            required
            {...form.getInputProps('current_password')}
          />
          <NewPassword label={t('new')} size="sm" {...form.getInputProps('new_password')} />
          {!toldByFields(problem, ['current_password', 'new_password']) && <Failure problem={problem} />}
          <Button type="submit" loading={busy} w="fit-content">
            {t('change')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

const device = (agent: string) =>
  [
    /(Firefox|Edg|Chrome|Safari)/.exec(agent)?.[1]?.replace('Edg', 'Edge'),
    /(Android|iPhone|iPad|Windows|Mac OS|Linux)/.exec(agent)?.[1],
  ]
    .filter(Boolean)
    .join(' · ') || agent.slice(0, 40);

function Sessions() {
  const { t } = useTranslation('profile');
  const query = useSessionsQuery();
  const [end] = useEndSessionMutation();
  const [endAll] = useEndAllSessionsMutation();
  const dispatch = useAppDispatch();
  const { run, busy } = useAction();
  const endEverywhere = () =>
    ask({
      title: t('everywhere'),
      text: t('everywhereText'),
      action: t('signOut', { ns: 'common' }),
      onYes: () =>
        void run(async () => {
          await endAll().unwrap();
          forgetToken();
          dispatch(signedOut({ lost: false }));
        }),
    });
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('sessions')}</Title>
        <Button size="compact-sm" variant="default" color="red" onClick={endEverywhere}>
          {t('everywhere')}
        </Button>
      </Group>
      <Resource query={query}>
        {({ items }) => (
          <Stack gap="sm">
            {items.map((one) => (
              <Group key={one.id} justify="space-between" wrap="nowrap">
                <div style={{ minWidth: 0 }}>
                  <Text fw={550} truncate>
                    {device(one.user_agent)}
                  </Text>
                  <Text size="sm" c="dimmed">
                    {one.ip} · {t('lastUsed', { when: fromNow(one.last_used_at) })}
                  </Text>
                </div>
                {one.current ? (
                  <Badge variant="light" flex="none">
                    {t('here')}
                  </Badge>
                ) : (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    color="red"
                    flex="none"
                    disabled={busy}
                    onClick={() => void run(() => end(one.id).unwrap())}
                  >
                    {t('signOut', { ns: 'common' })}
                  </Button>
                )}
              </Group>
            ))}
          </Stack>
        )}
      </Resource>
    </Card>
  );
}

/** Only for whoever is in more than one school. */
function Schools() {
  const { t } = useTranslation('profile');
  const { data: list } = useMembershipsQuery();
  const dispatch = useAppDispatch();
  const { run, busy } = useAction();
  if (!list || list.items.length < 2) return null;
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('schools')}
      </Title>
      <Stack gap="sm">
        {list.items.map((one) => (
          <Group key={one.school_id} justify="space-between">
            <Text>
              {one.school_name} · {t(`role.${one.role}`, { ns: 'common' })}
            </Text>
            {!one.current && (
              <Button
                size="compact-sm"
                variant="default"
                disabled={busy}
                onClick={() => void run(() => dispatch(switchSchool({ school_id: one.school_id })).unwrap())}
              >
                {t('goThere')}
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
