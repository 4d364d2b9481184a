import { createBrowserRouter, type RouteObject } from 'react-router';
import { Boundary } from '@/shared/components/Boundary';
import { messages } from './i18n';
import { Frame, NotFound, Only, Strangers } from './shell/Frame';

/** A page of its own file, loaded when it is entered: `page(() => import('…'), 'Name')`. */
function page<Name extends string>(load: () => Promise<Record<Name, React.ComponentType>>, name: Name) {
  const lazy = async () => {
    const [components] = await Promise.all([load(), messages()]);
    return { Component: components[name] };
  };
  return { lazy };
}

const strangers: RouteObject[] = [
  { path: 'sign-in', ...page(() => import('@/features/session/components/SignIn'), 'SignIn') },
  { path: 'register', ...page(() => import('@/features/session/components/Register'), 'Register') },
  { path: 'password-reset', ...page(() => import('@/features/session/components/PasswordReset'), 'PasswordReset') },
  { path: 'invitation', ...page(() => import('@/features/session/components/Invitation'), 'Invitation') },
];

const classroom: RouteObject = {
  path: 'classrooms/:classroomId',
  ...page(() => import('@/features/classrooms/components/ClassroomFrame'), 'ClassroomFrame'),
  children: [
    { index: true, ...page(() => import('@/features/classrooms/components/Track'), 'Track') },
    { path: 'people', ...page(() => import('@/features/classrooms/components/ClassroomPeople'), 'ClassroomPeople') },
    {
      path: 'performance',
      ...page(() => import('@/features/performance/components/ClassroomFigures'), 'ClassroomFigures'),
    },
    { path: 'leaderboard', ...page(() => import('@/features/points/components/Leaderboard'), 'Leaderboard') },
    {
      path: 'settings',
      ...page(() => import('@/features/classrooms/components/ClassroomSettings'), 'ClassroomSettings'),
    },
  ],
};

const ofAdmins: RouteObject[] = [
  { path: 'people', ...page(() => import('@/features/people/components/People'), 'People') },
  { path: 'people/import', ...page(() => import('@/features/people/components/RosterImport'), 'RosterImport') },
  { path: 'audit-log', ...page(() => import('@/features/school/components/AuditLog'), 'AuditLog') },
  { path: 'school', ...page(() => import('@/features/school/components/School'), 'School') },
  { path: 'teachers', ...page(() => import('@/features/performance/components/Teachers'), 'Teachers') },
  {
    path: 'teachers/:teacherId',
    ...page(() => import('@/features/performance/components/TeacherFigures'), 'TeacherFigures'),
  },
];

const ofStaff: RouteObject[] = [
  {
    path: 'classrooms/:classroomId/gradebook',
    ...page(() => import('@/features/gradebook/components/Gradebook'), 'Gradebook'),
  },
  {
    path: 'classrooms/:classroomId/gradebook/policy',
    ...page(() => import('@/features/gradebook/components/PolicyEditor'), 'PolicyEditor'),
  },
  {
    path: 'classrooms/:classroomId/assignments/new',
    ...page(() => import('@/features/assignments/components/NewAssignment'), 'NewAssignment'),
  },
  {
    path: 'assignments/:assignmentId/edit',
    ...page(() => import('@/features/assignments/components/EditAssignment'), 'EditAssignment'),
  },
  {
    path: 'assignments/:assignmentId/groups',
    ...page(() => import('@/features/groups/components/GroupsEditor'), 'GroupsEditor'),
  },
  {
    path: 'assignments/:assignmentId/submissions',
    ...page(() => import('@/features/submissions/components/Inbox'), 'Inbox'),
  },
  {
    path: 'classrooms/:classroomId/students/:studentId',
    ...page(() => import('@/features/performance/components/StudentFigures'), 'StudentFigures'),
  },
  {
    path: 'classrooms/:classroomId/topics/:topicId/students',
    ...page(() => import('@/features/performance/components/TopicStudents'), 'TopicStudents'),
  },
  { path: 'quizzes/:assignmentId/edit', ...page(() => import('@/features/quiz/editor/QuizEditor'), 'QuizEditor') },
  { path: 'quizzes/:assignmentId/marking', ...page(() => import('@/features/quiz/marking/Marking'), 'Marking') },
  {
    path: 'quizzes/:assignmentId/statistics',
    ...page(() => import('@/features/quiz/statistics/Statistics'), 'Statistics'),
  },
];

const members: RouteObject[] = [
  { element: <Only roles={['admin']} />, children: ofAdmins },
  { element: <Only roles={['teacher', 'admin']} />, children: ofStaff },
  { index: true, ...page(() => import('@/features/home/components/Home'), 'Home') },
  { path: 'classrooms', ...page(() => import('@/features/classrooms/components/Classrooms'), 'Classrooms') },
  classroom,
  { path: 'join', ...page(() => import('@/features/classrooms/components/Join'), 'Join') },
  {
    path: 'assignments/:assignmentId',
    ...page(() => import('@/features/assignments/components/AssignmentPage'), 'AssignmentPage'),
  },
  { path: 'performance', ...page(() => import('@/features/performance/components/Performance'), 'Performance') },
  {
    path: 'notifications',
    ...page(() => import('@/features/notifications/components/Notifications'), 'Notifications'),
  },
  { path: 'points', ...page(() => import('@/features/points/components/OwnPoints'), 'OwnPoints') },
  {
    path: 'performance/topics/:topicId',
    ...page(() => import('@/features/performance/components/OwnTopic'), 'OwnTopic'),
  },
  {
    path: 'performance/quizzes/:assignmentId',
    ...page(() => import('@/features/performance/components/OwnQuiz'), 'OwnQuiz'),
  },
  { path: 'profile', ...page(() => import('@/features/profile/components/Profile'), 'Profile') },
  { path: 'lectures/:assignmentId', ...page(() => import('@/features/lecture/components/LecturePage'), 'LecturePage') },
  { path: 'quizzes/:assignmentId', ...page(() => import('@/features/quiz/components/QuizPage'), 'QuizPage') },
  {
    path: 'quizzes/:assignmentId/attempts/:attemptId',
    ...page(() => import('@/features/quiz/components/AttemptReview'), 'AttemptReview'),
  },
  { path: '*', element: <NotFound /> },
];

// Where a page's file does not come the router shows the boundary of a route above it, never the page's own.
// The first page's file is short in coming: nothing is shown rather than something that flickers.
const whole = { errorElement: <Boundary />, hydrateFallbackElement: <></> };

export const routes: RouteObject[] = [
  { element: <Strangers />, ...whole, children: [{ errorElement: <Boundary />, children: strangers }] },
  { path: '/', element: <Frame />, ...whole, children: [{ errorElement: <Boundary />, children: members }] },
];

export const router = createBrowserRouter(routes);
