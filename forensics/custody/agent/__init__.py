"""A key agent: a small process that holds one unlocked key for some minutes, and signs with it.

``unlock`` starts it, ``AgentKey`` signs through it, ``lock`` ends it. The passphrase goes to the
agent through a pipe; the private key is decrypted there and never leaves it.

============  ============================================================================
``messages``  what goes over the socket, and how much of it is read
``places``    the folder and the sockets, and who may open them
``server``    the process that holds the key
``client``    starting it, asking it, signing through it
============  ============================================================================
"""

from forensics.custody.agent.client import (
    MAX_MINUTES,
    AgentKey,
    AgentStatus,
    StaleAgent,
    find_agent,
    is_available,
    list_agents,
    lock,
    unlock,
)

__all__ = [
    "MAX_MINUTES",
    "AgentKey",
    "AgentStatus",
    "StaleAgent",
    "find_agent",
    "is_available",
    "list_agents",
    "lock",
    "unlock",
]
