"""A key agent: a small process that holds one unlocked key for some minutes, and signs with it.

``unlock`` starts it, ``AgentKey`` signs through it, ``lock`` ends it. The passphrase goes to the
agent through a pipe; the private key is decrypted there and never leaves it.
"""

from forensics.custody.agent.client import MAX_MINUTES as MAX_MINUTES
from forensics.custody.agent.client import AgentKey as AgentKey
from forensics.custody.agent.client import AgentStatus as AgentStatus
from forensics.custody.agent.client import StaleAgent as StaleAgent
from forensics.custody.agent.client import find_agent as find_agent
from forensics.custody.agent.client import list_agents as list_agents
from forensics.custody.agent.client import lock as lock
from forensics.custody.agent.client import unlock as unlock
from forensics.custody.agent.sockets import is_available as is_available
