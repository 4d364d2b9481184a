// The token check: an ES256 JWT of our issuer, or a refusal. Works from njs 0.7.9 on.
// 204: good until X-Accel-Expires. 401: not good. 500: it cannot be known; whoever asks must refuse.

// njs before 0.7.10 cannot import a JWK: this is the fixed head of a P-256 SubjectPublicKeyInfo; x and y follow.
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const TYPES = ['jwt', 'at+jwt'];

function parsed(part) {
    try {
        const value = JSON.parse(Buffer.from(part, 'base64url').toString());
        return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
    } catch (error) {
        return null;
    }
}

// Keys named or carried by the token itself (jku, jwk, x5u, x5c) are never looked at.
function headerHolds(header) {
    return header.alg === 'ES256'
        && typeof header.typ === 'string' && TYPES.indexOf(header.typ.toLowerCase()) >= 0
        && typeof header.kid === 'string'
        && header.crit === undefined;
}

function claimsHold(claims, now, issuer, audience) {
    const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    return claims.iss === issuer
        && audiences.indexOf(audience) >= 0
        && typeof claims.sub === 'string' && claims.sub !== ''
        && typeof claims.exp === 'number' && isFinite(claims.exp) && claims.exp > now
        && (claims.nbf === undefined || (typeof claims.nbf === 'number' && claims.nbf <= now));
}

async function published(r, uri, kid) {
    const reply = await r.subrequest(uri);
    if (reply.status !== 200) {
        throw new Error('the issuer\'s keys cannot be read: ' + reply.status);
    }
    return JSON.parse(reply.responseText).keys.find((key) => key.kid === kid && key.kty === 'EC'
        && key.crv === 'P-256' && (key.use === undefined || key.use === 'sig'));
}

async function keyNamed(r, kid) {
    return (await published(r, '/jwks', kid)) || (await published(r, '/jwks/fresh', kid));
}

async function signed(parts, jwk) {
    const point = Buffer.concat([Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')]);
    const signature = Buffer.from(parts[2], 'base64url');
    if (signature.length !== 64) {
        return false;
    }
    const key = await crypto.subtle.importKey('spki', Buffer.concat([SPKI_HEAD, point]),
        { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature,
        Buffer.from(parts[0] + '.' + parts[1]));
}

// The claims of a good token, null for any other. Throws when the keys cannot be had.
async function judged(r, token, now) {
    const parts = token.split('.');
    const header = parts.length === 3 ? parsed(parts[0]) : null;
    const claims = header && headerHolds(header) ? parsed(parts[1]) : null;
    if (!claims || !claimsHold(claims, now, r.variables.token_issuer, r.variables.token_audience)) {
        return null;
    }
    const key = await keyNamed(r, header.kid);
    return key && (await signed(parts, key)) ? claims : null;
}

async function verdict(r) {
    try {
        const now = Date.now() / 1000;
        const claims = await judged(r, r.headersIn['X-Credential'] || '', now);
        if (!claims) {
            r.headersOut['X-Accel-Expires'] = '1';
            r.return(401);
            return;
        }
        // nginx serves a cached entry through the second it expires in, hence the one second less.
        const last = Math.min(Math.floor(now) + Number(r.variables.verdict_seconds), Math.floor(claims.exp) - 1);
        r.headersOut['X-Accel-Expires'] = '@' + last;
        r.return(204);
    } catch (error) {
        r.error('no verdict: ' + error);
        r.return(500);
    }
}

export default { verdict };
