import { Alert, Button, Group, Modal, Stack, Tabs, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '@/shared/components/Failure';
import { Resource } from '@/shared/components/Resource';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch } from '@/shared/store';
import { refreshQuiz, reloadQuiz, useQuizQuery, type Quiz } from '../api';
import { TeacherPage } from '../components/TeacherPage';
import { readQuestions, reloadQuestions, saveQuestions, saveRules, useQuestionsQuery } from './api';
import { draftOf, errorsOf, isDirty, onto, totalOf, type Draft, type Questions } from './draft';
import { Draws } from './Draws';
import { ExtraTimes } from './ExtraTimes';
import { Preview } from './Preview';
import { QuestionList } from './QuestionList';
import { RulesForm } from './RulesForm';

/** What a quiz asks and by which rules: written here, kept through a reload, saved as one. */
export function QuizEditor() {
  return (
    <TeacherPage>
      {(assignmentId, classroomId) => <Loaded assignmentId={assignmentId} classroomId={classroomId} />}
    </TeacherPage>
  );
}

function Loaded({ assignmentId, classroomId }: { assignmentId: string; classroomId: string }) {
  const quiz = useQuizQuery(assignmentId, { refetchOnMountOrArgChange: 10 });
  const questions = useQuestionsQuery(assignmentId, { refetchOnMountOrArgChange: 10 });
  return (
    <Resource query={quiz}>
      {(rules) => (
        <Resource query={questions}>
          {(saved) => <Editor quiz={rules} saved={saved} classroomId={classroomId} />}
        </Resource>
      )}
    </Resource>
  );
}

interface Props {
  quiz: Quiz;
  saved: Questions;
  classroomId: string;
}

function Editor({ quiz, saved, classroomId }: Props) {
  const { t } = useTranslation('quiz');
  const id = quiz.assignment_id;
  const started = (quiz.attempt_count ?? 0) > 0;
  const { draft, change, save, busy, problem, stale, keepMine, takeTheirs, rebase } = useDraft(id, saved, started);
  const errors = errorsOf(problem?.fields ?? {});
  const dirty = started ? Object.keys(draft.rules).length > 0 : isDirty(draft);
  return (
    <Stack>
      <Group justify="space-between">
        <Text role="status" c="dimmed">
          {t(dirty ? 'editor.unsaved' : 'editor.saved')} ·{' '}
          {t('points', { count: Number(totalOf(draft)), points: decimal(totalOf(draft)) })}
        </Text>
        <Button loading={busy} disabled={!dirty} onClick={() => void save(draft)}>
          {t('editor.save')}
        </Button>
      </Group>
      {!stale && <Failure problem={problem} />}
      <Stale opened={stale} onMine={keepMine} onTheirs={takeTheirs} />
      {started && (
        <Alert color="yellow" title={t('editor.startedTitle')}>
          {t('editor.startedText')}
        </Alert>
      )}
      <Tabs defaultValue="questions" keepMounted={false}>
        <Tabs.List mb="md">
          {['questions', 'rules', 'preview', 'extraTime'].map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`editor.tabs.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="questions">
          <Stack>
            <QuestionList
              assignmentId={id}
              entries={draft.entries}
              onChange={(entries) => change({ entries, changed: true })}
              errors={errors}
              started={started}
              onCorrected={rebase}
            />
            <Draws
              draws={draft.draws}
              onChange={(draws) => change({ draws, changed: true })}
              errors={errors}
              started={started}
            />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <RulesForm
            quiz={quiz}
            rules={draft.rules}
            onChange={(more) => change({ rules: { ...draft.rules, ...more } })}
            errors={errors}
          />
        </Tabs.Panel>
        <Tabs.Panel value="preview">
          <Preview entries={draft.entries} />
        </Tabs.Panel>
        <Tabs.Panel value="extraTime">
          <ExtraTimes assignmentId={id} classroomId={classroomId} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** The rules first, then the questions, each against the revision that the step before left. */
function useDraft(id: string, saved: Questions, started: boolean) {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const [kept, setKept, forget] = useKept<Draft | null>(`quiz.edit.${id}`, null);
  const fresh = useMemo(() => draftOf(saved), [saved]);
  const draft = kept ?? fresh;
  const { run, busy, problem } = useAction({ quiet: true });

  async function store(whole: Draft): Promise<void> {
    let now = whole;
    if (Object.keys(now.rules).length > 0) {
      const { revision } = await saveRules(id, now);
      now = { ...now, revision, rules: {} };
      setKept(now);
    }
    if (now.changed && !started) await saveQuestions(id, now);
    await Promise.all([dispatch(reloadQuiz(id)), dispatch(reloadQuestions(id))]);
    forget();
  }
  const save = (whole: Draft) => run(() => store(whole), t('saved', { ns: 'common' }));
  const keepMine = () => run(async () => store(onto(draft, await readQuestions(id))), t('saved', { ns: 'common' }));
  function takeTheirs() {
    forget();
    dispatch(refreshQuiz());
    void run(() => Promise.resolve());
  }
  return {
    draft,
    change: (more: Partial<Draft>) => setKept({ ...draft, ...more }),
    save,
    busy,
    problem,
    stale: problem?.status === 412,
    keepMine: () => void keepMine(),
    takeTheirs,
    /** After a correction: on from the revision that it made. */
    rebase: async () => setKept(onto(draft, await readQuestions(id))),
  };
}

interface StaleProps {
  opened: boolean;
  onMine: () => void;
  onTheirs: () => void;
}

/** Somebody else changed the quiz meanwhile: whose shall stand is asked, nothing is overwritten unseen. */
function Stale({ opened, onMine, onTheirs }: StaleProps) {
  const { t } = useTranslation('quiz');
  return (
    <Modal
      opened={opened}
      onClose={onTheirs}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t('stale.title')}
    >
      <Stack>
        <Text>{t('stale.text')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onTheirs}>
            {t('stale.theirs')}
          </Button>
          <Button onClick={onMine}>{t('stale.mine')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
