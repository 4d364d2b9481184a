import { Button, Card, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { joinClassroom } from '../store';

/** A student types the code from the board. */
export function Join() {
  const { t } = useTranslation('classrooms');
  const [query] = useSearchParams();
  const [code, setCode] = useState(query.get('code') ?? '');
  const go = useNavigate();
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  async function join(event: React.FormEvent) {
    event.preventDefault();
    await run(async () => {
      const id = await dispatch(joinClassroom(code)).unwrap();
      notifications.show({ message: t('joined') });
      await go(`/classrooms/${id}`);
    });
  }
  return (
    <Page title={t('joinPage.title')} subtitle={t('joinPage.text')} narrow>
      <Card>
        <form onSubmit={(event) => void join(event)}>
          <Stack align="flex-start">
            <TextInput
              label={t('joinPage.code')}
              size="lg"
              w="100%"
              maw={360}
              required
              autoFocus
              autoComplete="off"
              spellCheck={false}
              maxLength={20}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value.toUpperCase())}
              styles={{ input: { fontFamily: 'monospace', letterSpacing: '0.15em' } }}
              error={problem?.fields.join_code}
            />
            {!problem?.fields.join_code && <Failure problem={problem} />}
            <Button type="submit" size="md" loading={busy} disabled={!code.trim()}>
              {t('joinPage.action')}
            </Button>
          </Stack>
        </form>
      </Card>
    </Page>
  );
}
