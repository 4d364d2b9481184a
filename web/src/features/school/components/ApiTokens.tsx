import {
  Alert,
  Badge,
  Button,
  Card,
  Code,
  CopyButton,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuthSchemas } from '@/shared/api/schemas';
import { ask } from '@/shared/components/ask';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { Resource } from '@/shared/components/Resource';
import { fromNow, fullDateTime, isPast } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAddApiTokenMutation, useApiTokensQuery, useRevokeApiTokenMutation } from '../api';

type Token = AuthSchemas['ApiToken'];
const BLANK: AuthSchemas['NewApiToken'] = { name: '', role: 'teacher', scope: 'read', expires_in_days: 90 };

/** Keys with which programs use the API for the school: made, shown once, withdrawn. */
export function ApiTokens() {
  const { t } = useTranslation('school');
  const query = useApiTokensQuery();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Card>
      <Group justify="space-between">
        <Title order={2}>{t('tokens.title')}</Title>
        <Button size="sm" variant="default" onClick={() => setAdding(!adding)} aria-expanded={adding}>
          {t('tokens.add')}
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {t('tokens.text')}
      </Text>
      <Stack>
        {secret && <Secret token={secret} onDone={() => setSecret(null)} />}
        {adding && (
          <Add
            onMade={(token) => {
              setSecret(token);
              setAdding(false);
            }}
          />
        )}
        <Resource query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <Text size="sm">{t('tokens.none')}</Text>
            ) : (
              items.map((one) => <Row key={one.id} token={one} />)
            )
          }
        </Resource>
      </Stack>
    </Card>
  );
}

function Secret({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation('school');
  return (
    <Alert color="leaf" title={t('tokens.once')} role="alert">
      <Stack gap="xs">
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {token}
        </Code>
        <Group gap="xs">
          <CopyButton value={token}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {t(copied ? 'copied' : 'copy', { ns: 'common' })}
              </Button>
            )}
          </CopyButton>
          <Button size="xs" onClick={onDone}>
            {t('tokens.kept')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Add({ onMade }: { onMade: (token: string) => void }) {
  const { t } = useTranslation('school');
  const [add] = useAddApiTokenMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: BLANK });
  useFieldErrors(form, problem);
  const submit = form.onSubmit((body) => void run(async () => onMade((await add(body).unwrap()).token)));
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label={t('tokens.name')} required maxLength={200} {...form.getInputProps('name')} />
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <Select
            label={t('tokens.role')}
            allowDeselect={false}
            data={(['teacher', 'admin'] as const).map((value) => ({
              value,
              label: t(`role.${value}`, { ns: 'common' }),
            }))}
            {...form.getInputProps('role')}
          />
          <Select
            label={t('tokens.scope')}
            allowDeselect={false}
            data={(['read', 'write'] as const).map((value) => ({ value, label: t(`tokens.scopes.${value}`) }))}
            {...form.getInputProps('scope')}
          />
          <NumberInput
            label={t('tokens.days')}
            min={1}
            max={366}
            allowDecimal={false}
            required
            {...form.getInputProps('expires_in_days')}
          />
        </SimpleGrid>
        {!toldByFields(problem, ['name', 'role', 'scope', 'expires_in_days']) && <Failure problem={problem} />}
        <Button type="submit" loading={busy} w="fit-content">
          {t('tokens.make')}
        </Button>
      </Stack>
    </form>
  );
}

function Row({ token }: { token: Token }) {
  const { t } = useTranslation('school');
  const [revoke] = useRevokeApiTokenMutation();
  const { run, busy } = useAction();
  const isOver = token.revoked_at !== null || isPast(token.expires_at);
  const remove = () =>
    ask({
      title: t('tokens.revokeTitle', { name: token.name }),
      text: t('tokens.revokeText'),
      action: t('tokens.revoke'),
      onYes: () => void run(() => revoke(token.id).unwrap()),
    });
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Group gap="xs">
          <Text fw={550}>{token.name}</Text>
          <Code>…{token.hint}</Code>
          <Badge variant="light" color={isOver ? 'gray' : 'leaf'}>
            {t(`role.${token.role}`, { ns: 'common' })} · {t(`tokens.scopes.${token.scope}`)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {token.revoked_at
            ? t('tokens.revokedAt', { at: fullDateTime(token.revoked_at) })
            : t(isOver ? 'tokens.expiredAt' : 'tokens.until', { at: fullDateTime(token.expires_at) })}
          {' · '}
          {token.last_used_at
            ? t('tokens.used', { when: fromNow(token.last_used_at), ip: token.last_used_ip ?? '–' })
            : t('tokens.unused')}
        </Text>
      </div>
      {!isOver && (
        <Button size="compact-sm" variant="subtle" color="red" disabled={busy} onClick={remove}>
          {t('tokens.revoke')}
        </Button>
      )}
    </Group>
  );
}
